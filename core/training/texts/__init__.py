"""Texts alone: few labels, many unlabelled texts, an honest measure, and the right to abstain."""
