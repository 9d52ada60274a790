package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// TestJSONForm pins the default JSON form of Junos 16.1 and later, with what is
// marked in it, and reads it back.
func TestJSONForm(t *testing.T) {
	const text = `system {
    host-name r1;
    services {
        ssh;
    }
}
interfaces {
    /* the way out */
    ge-0/0/0 {
        inactive: description "to \"r2\" & on";
        mtu 1400;
        unit 0 {
            family inet {
                address 10.0.12.1/30;
            }
        }
    }
}
routing-options {
    static {
        inactive: route 192.0.2.0/24 discard;
    }
}
protocols {
    bgp {
        group mesh {
            export [ a b ];
        }
    }
}
`
	const want = `{
    "configuration" : {
        "system" : {
            "host-name" : "r1",
            "services" : {
                "ssh" : {
                }
            }
        },
        "interfaces" : {
            "interface" : [
                {
                    "@" : {"comment" : "/* the way out */"},
                    "name" : "ge-0/0/0",
                    "description" : "to \"r2\" & on",
                    "@description" : {"inactive" : true},
                    "mtu" : 1400,
                    "unit" : [
                        {
                            "name" : 0,
                            "family" : {
                                "inet" : {
                                    "address" : [
                                        {
                                            "name" : "10.0.12.1/30"
                                        }
                                    ]
                                }
                            }
                        }
                    ]
                }
            ]
        },
        "routing-options" : {
            "static" : {
                "route" : [
                    {
                        "@" : {"inactive" : true},
                        "name" : "192.0.2.0/24",
                        "discard" : [null]
                    }
                ]
            }
        },
        "protocols" : {
            "bgp" : {
                "group" : [
                    {
                        "name" : "mesh",
                        "export" : ["a", "b"]
                    }
                ]
            }
        }
    }
}
`
	tree := config.New()
	if _, err := tree.Load(config.FormatText, config.Merge, text); err != nil {
		t.Fatal(err)
	}
	got, err := tree.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	back := config.New()
	if _, err := back.Load(config.FormatJSON, config.Merge, got); err != nil {
		t.Fatal(err)
	}
	if !back.Equal(tree) {
		again, _ := back.Text()
		t.Errorf("read back it is\n%s", again)
	}
}
