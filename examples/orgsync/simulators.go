package main

import (
	"github.com/orgbridge/orgbridge/aiguanhuai/aiguanhuaitest"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/tuzhan/tuzhantest"
	"github.com/orgbridge/orgbridge/yunjian/yunjiantest"
	"github.com/orgbridge/orgbridge/yunzhijia/yunzhijiatest"
)

// simulatedTenant keeps the state of simulations apart, should there be a file.
const simulatedTenant = "simulated"

// simulate puts simulators in the place of all vendors. They start anew with every
// run, whatever a state file says they were told.
func simulate(set settings) settings {
	// WithContacts: without phones, which few apps are granted, 兔展 and 云简 take no one.
	source := yunzhijiatest.NewInMemory(yunzhijiatest.Seed(40, 2000), yunzhijiatest.WithContacts())
	care, rabbit, travel := aiguanhuaitest.NewInMemory(), tuzhantest.NewInMemory(), yunjiantest.NewInMemory()

	set.tenant, set.simulated = simulatedTenant, true
	set.source = &orgsync.YunzhijiaSource{Client: source.Client()}
	set.targets = []orgsync.Target{
		&orgsync.AiguanhuaiTarget{Client: care.Client()},
		&orgsync.TuzhanTarget{Client: rabbit.Client()},
		&orgsync.YunjianTarget{Client: travel.Client()},
	}
	set.close = func() { source.Close(); care.Close(); rabbit.Close(); travel.Close() }
	return set
}
