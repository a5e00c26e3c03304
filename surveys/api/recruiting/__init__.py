"""The REST doors of people who are recruited: terms, quotas, lists of links, who took part."""
