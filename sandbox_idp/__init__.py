"""The training Gosuslugi: on the wire it is ESIA, and everything that fails on purpose lives here."""
