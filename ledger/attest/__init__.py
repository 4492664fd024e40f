"""Release evidence, the openness attestation, the bundle, and its verification in numbered checks."""
