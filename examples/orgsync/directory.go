package main

import (
	"log/slog"

	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
	"github.com/orgbridge/orgbridge/yunzhijia"
)

// syncSecretVariable is the key of 云之家's directory interface (通讯录同步). With it, the team
// is read by that interface, which knows more and needs no roster.
const syncSecretVariable = "YUNZHIJIA_SYNC_SECRET"

// directory is the source if the key of the directory interface is set. It is one of two
// ways to read a team: credentials of the other one beside it are a mistake.
func (e *environment) directory(logger *slog.Logger) (orgsync.Source, bool) {
	secret := e.value(syncSecretVariable)
	if secret == "" {
		return nil, false
	}
	for _, other := range []string{"YUNZHIJIA_APP_ID", "YUNZHIJIA_APP_SECRET", "YUNZHIJIA_ACCESS_TOKEN"} {
		if e.value(other) != "" {
			e.refuse(syncSecretVariable, "is set beside "+other+": which of the two interfaces is to be read?")
			break
		}
	}
	client, err := yunzhijia.New(yunzhijia.Config{
		BaseURL: e.value("YUNZHIJIA_BASE_URL"), EID: e.value("YUNZHIJIA_EID"),
		Credentials: yunzhijia.SyncCredentials(e.value("YUNZHIJIA_EID"), secret),
	}, yunzhijia.WithLogger(logger))
	e.check(err, map[string]string{
		"BaseURL": "YUNZHIJIA_BASE_URL", "EID": "YUNZHIJIA_EID", "Credentials": "YUNZHIJIA_EID",
	})
	return &orgsync.YunzhijiaDirectorySource{Client: client}, true
}
