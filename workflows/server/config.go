package server

import (
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	clusterName = "active"
	storeName   = "sqlite"
)

// sqlConfig opens the file with one connection (more of them give
// SQLITE_BUSY) and loses nothing when the machine goes down.
func sqlConfig(file string) *config.SQL {
	return &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: file,
		ConnectAttributes: map[string]string{
			"journal_mode": "wal",
			"synchronous":  "full",
		},
		MaxConns:     1,
		MaxIdleConns: 1,
	}
}

func serverConfig(db *config.SQL, e endpoints) *config.Config {
	service := func(at hostPort) config.Service {
		return config.Service{RPC: config.RPC{GRPCPort: at.port, BindOnIP: at.host}}
	}
	store := config.DataStore{SQL: db}
	return &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     storeName,
			VisibilityStore:  storeName,
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{storeName: store},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {
				Enabled:                true,
				InitialFailoverVersion: 1,
				RPCAddress:             e.frontend.String(),
				// Kept from the first start on; must be a UUID.
				ClusterID: uuid.NewString(),
			}},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services: map[string]config.Service{
			string(primitives.FrontendService): service(e.frontend),
			string(primitives.HistoryService):  service(e.history),
			string(primitives.MatchingService): service(e.matching),
			string(primitives.WorkerService):   service(e.worker),
		},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
		PublicClient: config.PublicClient{HostPort: e.frontend.String()},
	}
}

// hosts tells each service where the others are: with everything in one
// process there is no membership to gossip about, and no port for it.
func hosts(e endpoints) map[primitives.ServiceName]static.Hosts {
	return map[primitives.ServiceName]static.Hosts{
		primitives.FrontendService: static.SingleLocalHost(e.frontend.String()),
		primitives.HistoryService:  static.SingleLocalHost(e.history.String()),
		primitives.MatchingService: static.SingleLocalHost(e.matching.String()),
		primitives.WorkerService:   static.SingleLocalHost(e.worker.String()),
	}
}

// pollRPS is how often a second a history queue looks for work. With the
// server's 20 each step of a workflow waits 40 ms for its turn.
const pollRPS = 2000

func dynamicConfig(o Options) dynamicconfig.StaticClient {
	settings := map[string]any{
		"frontend.enableServerVersionCheck": false, // call nobody
		// A new search attribute must be usable at once, not after a minute.
		"system.forceSearchAttributesCacheRefreshOnRead": true,
		"system.namespaceCacheRefreshInterval":           "1s",
	}
	for _, queue := range []string{"transfer", "timer", "visibility", "outbound"} {
		settings["history."+queue+"ProcessorMaxPollRPS"] = pollRPS
	}
	if o.HistoryEvents > 0 {
		settings["limit.historyCount.suggestContinueAsNew"] = o.HistoryEvents
	}
	client := make(dynamicconfig.StaticClient, len(settings))
	for key, value := range settings {
		client[dynamicconfig.MakeKey(key)] = value
	}
	return client
}

// createNamespace makes the namespace if it is missing.
func createNamespace(db *config.SQL, o Options) error {
	ns, err := sqlite.NewNamespaceConfig(clusterName, o.Namespace, false, nil)
	if err != nil {
		return err
	}
	ns.Detail.Config.Retention = durationpb.New(o.Retention)
	if err := sqlite.CreateNamespaces(db, ns); err != nil {
		return fmt.Errorf("create namespace %q: %w", o.Namespace, err)
	}
	return nil
}
