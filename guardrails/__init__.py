"""Rails: what may be asked, retrieved, said and indexed, decided by policy and recorded as findings."""
