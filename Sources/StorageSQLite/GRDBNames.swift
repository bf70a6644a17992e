// GRDB and this system have types of the same names. Where both are imported, the bare name means this system's type;
// GRDB's types are used under the names below.
import GRDB

typealias GRDBConnection = GRDB.Database
typealias GRDBError = GRDB.DatabaseError
typealias GRDBRow = GRDB.Row
