"""The training Gosuslugi as a test tool: a pair of programs, stands, and fixtures for pytest (`docs/testing.md`)."""
