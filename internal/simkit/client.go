package simkit

import (
	"slices"

	"github.com/orgbridge/orgbridge/internal/kernel"
)

// NewClient makes the vendor's client for a simulator: it reaches the server and goes by
// its clock. The options come after these two. Like httptest.NewServer it panics where a
// test cannot go on.
func NewClient[Config, Client any](
	s *Server, open func(Config, ...kernel.Option) (Client, error), config Config, options []kernel.Option,
) Client {
	own := []kernel.Option{kernel.WithHTTPClient(s.Client()), kernel.WithClock(s.mux.Now)}
	client, err := open(config, slices.Concat(own, options)...)
	if err != nil {
		panic("simkit: cannot make a client of the simulator: " + err.Error())
	}
	return client
}
