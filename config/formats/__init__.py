"""How dates are written where Django has no form for them."""
