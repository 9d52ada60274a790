package clabfile

import "slices"

// kinds are containerlab's, with its older names.
var kinds = []string{
	"6wind_vsr", "arista_ceos", "arista_veos", "arrcus_arcos", "aruba_aoscx", "bridge", "c8000", "ceos",
	"checkpoint_cloudguard", "ciena_saos", "cisco_asav", "cisco_c8000", "cisco_c8000v", "cisco_cat9kv",
	"cisco_csr", "cisco_csr1000v", "cisco_ftdv", "cisco_iol", "cisco_n9kv", "cisco_nxos", "cisco_sdwan",
	"cisco_vios", "cisco_xrd", "cisco_xrd_vrouter", "cisco_xrv", "cisco_xrv9k", "cjunosevolved", "crpd",
	"cumulus_cvx", "cvx", "dell_ftosv", "dell_sonic", "ext-container", "f5_bigip-ve", "fdio_vpp",
	"fortinet_fortigate", "freebsd", "generic_vm", "host", "huawei_vrp", "ipinfusion_ocnos",
	"juniper_cjunosevolved", "juniper_crpd", "juniper_csrx", "juniper_vjunosevolved", "juniper_vjunosrouter",
	"juniper_vjunosswitch", "juniper_vmx", "juniper_vqfx", "juniper_vsrx", "k8s-kind", "keysight_ixia-c-one",
	"linux", "mikrotik_ros", "nokia_srlinux", "nokia_sros", "nokia_srsim", "nvidia_cumulusvx", "openbsd",
	"openwrt", "ostinato", "ovs-bridge", "paloalto_panos", "plvision_sonic", "rare", "sonic-vm", "sonic-vs",
	"spirent_stc", "srl", "veesix_osvbng", "vr-aoscx", "vr-arista_veos", "vr-aruba_aoscx", "vr-ciena_saos",
	"vr-cisco_csr1000v", "vr-cisco_n9kv", "vr-cisco_xrv", "vr-cisco_xrv9k", "vr-csr", "vr-dell_ftosv",
	"vr-ftosv", "vr-juniper_vmx", "vr-juniper_vqfx", "vr-juniper_vsrx", "vr-mikrotik_ros", "vr-n9kv",
	"vr-nokia_sros", "vr-paloalto_panos", "vr-pan", "vr-ros", "vr-sros", "vr-veos", "vr-vmx", "vr-vqfx",
	"vr-vsrx", "vr-xrv", "vr-xrv9k", "vyosnetworks_vyos", "xrd",
}

func knownKind(kind string) bool { return slices.Contains(kinds, kind) }

// oldNames are the kinds that have a Junos name now; the topology uses the new one.
var oldNames = map[string]string{
	"crpd":           "juniper_crpd",
	"cjunosevolved":  "juniper_cjunosevolved",
	"vr-vmx":         "juniper_vmx",
	"vr-juniper_vmx": "juniper_vmx",
	"vr-vqfx":        "juniper_vqfx",
	"vr-vsrx":        "juniper_vsrx",

	"vr-juniper_vqfx": "juniper_vqfx",
	"vr-juniper_vsrx": "juniper_vsrx",
}

func canonicalKind(kind string) string {
	if name, ok := oldNames[kind]; ok {
		return name
	}
	return kind
}
