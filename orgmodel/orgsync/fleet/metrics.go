package fleet

import (
	"context"
	_ "embed"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/temporal"
)

// AlertRules are Prometheus alerting rules over the metrics of this package.
//
//go:embed alerts.yml
var AlertRules string

// Metrics are those of runs. Tenants are the only labels that grow with use.
type Metrics struct {
	success  *prometheus.GaugeVec
	guarded  *prometheus.GaugeVec
	runs     *prometheus.CounterVec
	changes  prometheus.Counter
	duration *prometheus.HistogramVec
	waits    *prometheus.HistogramVec
}

// NewMetrics registers the metrics.
func NewMetrics(registry prometheus.Registerer) (*Metrics, error) {
	buckets := prometheus.ExponentialBuckets(0.01, 4, 11)
	m := &Metrics{
		success:  prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "orgsync_last_success_timestamp_seconds", Help: "End of the last run that did all there was to do."}, []string{"tenant"}),
		guarded:  prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "orgsync_guarded", Help: "1 if the guard stopped the last run."}, []string{"tenant"}),
		runs:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orgsync_runs_total", Help: "Runs by outcome, or by type of error."}, []string{"outcome"}),
		changes:  prometheus.NewCounter(prometheus.CounterOpts{Name: "orgsync_changes_total", Help: "Changes that targets acknowledged."}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "orgsync_run_duration_seconds", Help: "Duration of runs.", Buckets: buckets}, []string{"outcome"}),
		waits:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "orgsync_rate_wait_seconds", Help: "Waits for a vendor's rate.", Buckets: buckets}, []string{"vendor"}),
	}
	var errs []error
	for _, c := range []prometheus.Collector{m.success, m.guarded, m.runs, m.changes, m.duration, m.waits} {
		errs = append(errs, registry.Register(c))
	}
	return m, errors.Join(errs...)
}

func (m *Metrics) ran(tenant string, result Result, err error, took time.Duration) {
	if m == nil {
		return
	}
	outcome := string(result.Outcome)
	if failed, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		outcome = failed.Type()
	}
	m.runs.WithLabelValues(outcome).Inc()
	m.duration.WithLabelValues(outcome).Observe(took.Seconds())
	if err != nil {
		return
	}
	m.changes.Add(float64(result.Counts.Done))
	stopped := 0.0
	switch result.Outcome {
	case Done:
		m.success.WithLabelValues(tenant).SetToCurrentTime()
	case Guarded:
		stopped = 1
	}
	m.guarded.WithLabelValues(tenant).Set(stopped)
}

// Limiter is what vendor clients wait for.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Timed returns a limiter whose waits are counted for a vendor.
func (m *Metrics) Timed(vendor string, limiter Limiter) Limiter {
	return timed{limiter: limiter, waits: m.waits.WithLabelValues(vendor)}
}

type timed struct {
	limiter Limiter
	waits   prometheus.Observer
}

func (t timed) Wait(ctx context.Context) error {
	began := time.Now()
	err := t.limiter.Wait(ctx)
	t.waits.Observe(time.Since(began).Seconds())
	return err
}
