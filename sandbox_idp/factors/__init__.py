"""Second factors beyond the code by SMS: push to the mobile app, backup codes, connecting an authenticator app."""
