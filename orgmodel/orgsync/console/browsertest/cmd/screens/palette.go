package main

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
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
	key := func(c color.Color) (uint16, color.NRGBA) {
		p, _ := color.NRGBAModel.Convert(c).(color.NRGBA)
		return uint16(p.R)>>3<<10 | uint16(p.G)>>3<<5 | uint16(p.B)>>3, p
	}
	counts := map[color.NRGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			_, p := key(from.At(x, y))
			counts[p]++
		}
	}
	// The most frequent of colours that are alike stands for them.
	colours := slices.SortedFunc(maps.Keys(counts), func(a, b color.NRGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	palette, seen := make(color.Palette, 0, 256), map[uint16]bool{}
	for _, c := range colours {
		if k, _ := key(c); !seen[k] && len(palette) < cap(palette) {
			palette, seen[k] = append(palette, c), true
		}
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
