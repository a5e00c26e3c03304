"""The stages of Muthén (1984): margins, correlations of pairs, their asymptotic covariance."""
