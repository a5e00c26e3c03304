"""The pages: parse, authorise, call a use case, show. No rule of the product lives here."""
