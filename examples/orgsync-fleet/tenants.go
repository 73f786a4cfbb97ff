package main

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync/fleet"
)

// readTenants reads a file such as
//
//	tenants:
//	  - name: acme
//	    every: 15m
//	  - name: newcomer
//	    every: 1h
//	    low: true     # the first load lets others go first
//	    paused: true
func readTenants(path string) ([]fleet.Tenant, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the path is the user's own
	if err != nil {
		return nil, err
	}
	var file struct {
		Tenants []struct {
			Name   string        `yaml:"name"`
			Every  time.Duration `yaml:"every"`
			Paused bool          `yaml:"paused"`
			Hold   bool          `yaml:"hold"`
			Low    bool          `yaml:"low"`
		} `yaml:"tenants"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var tenants []fleet.Tenant
	for _, t := range file.Tenants {
		tenants = append(tenants, fleet.Tenant{Name: t.Name, Every: t.Every, Paused: t.Paused, Hold: t.Hold, Low: t.Low})
	}
	return tenants, nil
}
