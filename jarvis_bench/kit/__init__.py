"""Run notebooks, keep their results, measure in processes of their own."""
