"""法令: the rules of 国民年金法 and of the city as small pure functions and tables."""
