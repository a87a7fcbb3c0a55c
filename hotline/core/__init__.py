"""The ground: settings, database, sealing, the audit record, texts. It knows nothing of reports, officers or channels."""
