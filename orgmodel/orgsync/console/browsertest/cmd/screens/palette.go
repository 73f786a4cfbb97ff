package main

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"slices"
)

// small returns a picture with at most 256 colours, which a page of text and lines does
// not miss: a third of the bytes.
func small(picture []byte) ([]byte, error) {
	from, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	bounds := from.Bounds()
	type bucket struct{ r, g, b, n int }
	key := func(c color.Color) (uint16, color.NRGBA) {
		p, _ := color.NRGBAModel.Convert(c).(color.NRGBA)
		return uint16(p.R)>>3<<10 | uint16(p.G)>>3<<5 | uint16(p.B)>>3, p
	}
	buckets := map[uint16]*bucket{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			k, p := key(from.At(x, y))
			b := buckets[k]
			if b == nil {
				b = &bucket{}
				buckets[k] = b
			}
			b.r, b.g, b.b, b.n = b.r+int(p.R), b.g+int(p.G), b.b+int(p.B), b.n+1
		}
	}
	keys := make([]uint16, 0, len(buckets))
	for k := range buckets {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b uint16) int { return cmp.Or(cmp.Compare(buckets[b].n, buckets[a].n), cmp.Compare(a, b)) })
	palette := make(color.Palette, 0, 256)
	for _, k := range keys[:min(len(keys), cap(palette))] {
		b := buckets[k]
		palette = append(palette, color.NRGBA{uint8(b.r / b.n), uint8(b.g / b.n), uint8(b.b / b.n), 255}) // #nosec G115 -- averages of bytes
	}
	nearest := map[uint16]uint8{}
	to := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			k, p := key(from.At(x, y))
			index, known := nearest[k]
			if !known {
				index = uint8(palette.Index(p)) // #nosec G115 -- of 256
				nearest[k] = index
			}
			to.SetColorIndex(x, y, index)
		}
	}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to)
	return out.Bytes(), err
}
