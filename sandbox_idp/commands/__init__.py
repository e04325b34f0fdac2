"""The command line: a file for each group of commands, each of which says what it adds."""
