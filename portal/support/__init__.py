"""«Поддержка»: a question to the people of ЕГИСЗ, with what they need to answer it (R-105…R-116)."""
