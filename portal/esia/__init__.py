"""The way to Gosuslugi (ESIA): the real client. It knows the wire, the checks and the data, and no page."""
