// Package readme holds the code that both READMEs show, as tests that run it: each block
// there equals a region here, in the order of the READMEs. "// …" ends one part of a block
// and begins the next. The Chinese README has comments of its own.
package readme
