"""What a person sees and presses, screen by screen, found by role and label as a person or a screen reader does."""
