"""Imports of patients and recalls from CSV and FHIR files into a practice."""
