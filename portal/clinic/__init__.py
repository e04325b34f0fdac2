"""The portal's door to the medical system of the clinics it serves: values, errors, the interface, and `NoClinic`.

A leaf: it knows no table, no page and no program. Every implementation, whether it asks a clinic over HTTP or is handed
in by whoever runs the portal, answers with the same values and raises the same errors.
"""
