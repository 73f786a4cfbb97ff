package simkit

import (
	"maps"
	"net"
	"net/http"
)

// serveSocket sends the answer over a real connection.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	a := s.exchange(r) //nolint:contextcheck // r carries it
	if a.lost {
		s.reset(w)
		return
	}
	maps.Copy(w.Header(), a.wireHeader())
	w.WriteHeader(a.status)
	// After fewer bytes than announced net/http sends them and hangs up, which is the cut.
	_, _ = w.Write(a.body)
}

// reset drops the connection so that the client sees a TCP reset, not an orderly end.
func (s *Server) reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the connection is gone already
	}
	defer s.conns.ended(conn)
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
