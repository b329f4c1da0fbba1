"""WeCom (企业微信) for grid workers and staff: encrypted callbacks in, texts and button cards out."""
