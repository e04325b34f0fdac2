"""The medical system of a stand: a region of clinics behind the portal's interface `portal.clinic`."""
