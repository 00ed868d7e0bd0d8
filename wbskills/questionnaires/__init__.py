"""Questionnaires: what a survey asks, in one file, and that file for each survey tool.

schema     a questionnaire as its file states it
export     one module for each survey tool: the questionnaire as the tool imports it
"""
