package aiguanhuai

// Small sends n records a call in place of 2,000, to bring the borders between
// chunks close together.
func (c *Client) Small(n int) { c.chunk = n }
