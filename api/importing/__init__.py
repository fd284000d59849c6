"""Importing files: patients and recalls out of CSV and FHIR, into a practice's database."""
