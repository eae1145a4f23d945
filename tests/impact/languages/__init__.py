"""Tests of each language: tables of small trees."""
