package clabfile

// The schema of a containerlab topology file. Keys that have no meaning for ccl
// are known all the same, so that a file made for containerlab is not refused.

var fileShape = required(fields{
	"name":     matching(`^[a-zA-Z0-9][a-zA-Z0-9._-]*$`, "a name of letters, digits, dot, dash and underscore"),
	"prefix":   str,
	"mgmt":     mgmtFields.shape,
	"topology": topologyFields.shape,
	"settings": fields{"certificate-authority": anything}.shape,
	"debug":    boolean,
}.shape, "name", "topology")

var mgmtFields = fields{
	"network":          str,
	"bridge":           str,
	"ipv4-subnet":      str,
	"ipv6-subnet":      str,
	"ipv4-gw":          str,
	"ipv6-gw":          str,
	"ipv4-range":       str,
	"ipv6-range":       str,
	"mtu":              number,
	"external-access":  boolean,
	"skip-when-unused": boolean,
	"driver-opts":      dict("driver-opts", str),
}

var topologyFields = fields{
	"defaults": nodeFields.shape,
	"kinds":    dict("kind", nodeFields.shape),
	"groups":   dict("group", nodeFields.shape),
	"nodes":    dict("node", nodeFields.shape),
	"links":    each("link", linkShape),
}

var nodeFields = fields{
	"image":                   str,
	"image-pull-policy":       word("always", "never", "ifnotpresent"),
	"restart-policy":          word("no", "on-failure", "always", "unless-stopped"),
	"kind":                    str,
	"license":                 str,
	"type":                    str,
	"group":                   str,
	"startup-config":          str,
	"startup-delay":           integer,
	"enforce-startup-config":  boolean,
	"suppress-startup-config": boolean,
	"auto-remove":             boolean,
	"exec":                    list(str),
	"binds":                   list(str),
	"volumes":                 list(str),
	"ports":                   list(str),
	"env":                     dict("env", str),
	"credentials":             fields{"username": str, "password": str, "identity-file": str}.shape,
	"env-files":               list(str),
	"user":                    str,
	"hostname":                str,
	"entrypoint":              str,
	"cmd":                     str,
	"labels":                  dict("label", str),
	"runtime":                 word("docker", "podman"),
	"mgmt-ipv4":               str,
	"mgmt-ipv6":               str,
	"network-mode":            str,
	"link-apply-mode":         word("live", "restart", "recreate"),
	"cpu":                     number,
	"memory":                  str,
	"cpu-set":                 str,
	"extras":                  fields{"ceos-copy-to-flash": list(str)}.shape,
	"config":                  fields{"vars": anything}.shape,
	"stages":                  stageFields.shape,
	"dns":                     fields{"servers": list(str), "search": list(str), "options": list(str)}.shape,
	"certificate":             fields{"issue": boolean, "sans": list(str), "key-size": integer, "validity-duration": str}.shape,
	"healthcheck":             healthFields.shape,
	"components":              list(anything),
	"aliases":                 list(str),
	"shm-size":                str,
	"cap-add":                 list(str),
	"privileged":              boolean,
	"cgroupns-mode":           word("host", "private"),
	"cgroup-parent":           str,
	"pid-mode":                str,
	"tmpfs":                   dict("tmpfs", str),
	"security-opts":           list(str),
	"sysctls":                 dict("sysctl", str),
	"devices":                 list(str),
}

var healthFields = fields{
	"test": list(str), "interval": integer, "retries": integer, "timeout": integer, "start-period": integer,
}

var oneStage = fields{"wait-for": list(anything), "exec": anything}.shape

var stageFields = fields{
	"create": oneStage, "create-links": oneStage, "configure": oneStage, "healthy": oneStage, "exit": oneStage,
}
