package clab

import (
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// platform is what is known of a containerlab kind.
type platform struct {
	name        string        // as Juniper writes it
	boot        time.Duration // longest wait for it: about twice what it takes
	credentials string
	fpc         bool // has a line card to wait for
	// carrier: a link of the container is a link of the node. Inside a virtual
	// machine a port stays up when the container's device goes down.
	carrier bool
}

var junosPlatforms = map[string]platform{
	"juniper_vjunosrouter":  {name: "vJunos-router", boot: 20 * time.Minute, credentials: Credentials, fpc: true},
	"juniper_vjunosswitch":  {name: "vJunos-switch", boot: 30 * time.Minute, credentials: Credentials, fpc: true},
	"juniper_vjunosevolved": {name: "vJunosEvolved", boot: 30 * time.Minute, credentials: Credentials, fpc: true},
	"juniper_cjunosevolved": {name: "cJunosEvolved", boot: 30 * time.Minute, credentials: Credentials, fpc: true},
	"juniper_vmx":           {name: "vMX", boot: 15 * time.Minute, credentials: Credentials, fpc: true},
	"juniper_vqfx":          {name: "vQFX", boot: 20 * time.Minute, credentials: Credentials, fpc: true},
	"juniper_vsrx":          {name: "vSRX", boot: 20 * time.Minute, credentials: Credentials, fpc: true},
	"juniper_crpd":          {name: "cRPD", boot: 3 * time.Minute, credentials: CredentialsCRPD, carrier: true},
	"juniper_csrx":          {name: "cSRX", boot: 5 * time.Minute, credentials: CredentialsCRPD, carrier: true},
}

// otherBoot is for kinds that are not Junos: their container has to run and, if
// its image has a health check, to be healthy.
const otherBoot = 15 * time.Minute

// platformOf returns what is known of a kind. An unknown Junos kind is taken for a
// virtual machine.
func platformOf(kind string) platform {
	if p, ok := junosPlatforms[kind]; ok {
		return p
	}
	if topology.IsJunos(kind) {
		return platform{name: strings.TrimPrefix(kind, "juniper_"), boot: 30 * time.Minute, credentials: Credentials, fpc: true}
	}
	return platform{name: kind, boot: otherBoot, carrier: kind == "linux"}
}

func (b *Backend) bootTime(kind string) time.Duration {
	if b.Boot > 0 {
		return b.Boot
	}
	return platformOf(kind).boot
}
