"""An alignment told to people: sentences, a table, and a page that needs nothing but itself."""
