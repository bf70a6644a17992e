// Single rows through libpq in C: the peer of `benchmarks postgres`, for which see Benchmarks/Sources.
//
//   postgres_peer URL CONNECTIONS INSERTS SELECTS
//
// Every connection has a thread. As in the product, each insert is a transaction of its own, with BEGIN, the account's
// setting and the statement sent at once and COMMIT after them; each select is one that is rolled back, which goes to
// the server with the next. All statements are prepared, all numbers binary. Then the same once more with each
// statement alone, without a transaction around it: the least that libpq can do. Prints a line of JSON.
#include <endian.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAME_SIZE = 32 };

static const char *const SETUP =
    "DROP TABLE IF EXISTS peer_rows; CREATE TABLE peer_rows ("
    "id BIGINT PRIMARY KEY, name TEXT COLLATE \"C\" NOT NULL, quantity BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL)";

static const struct { const char *name, *text; } STATEMENTS[] = {
    {"begin_write", "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"},
    {"begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
    {"scope", "SELECT set_config('geminivideo.account_id', $1, true)"},
    {"commit", "COMMIT"},
    {"rollback", "ROLLBACK"},
    {"insert", "INSERT INTO peer_rows (id, name, quantity, at) VALUES ($1::bigint, $2, $3::bigint, $4::timestamptz)"},
    {"select", "SELECT id, name, quantity, at FROM peer_rows WHERE id = $1::bigint"},
};

struct peer {
    PGconn *connection;
    int64_t first, count;  // the ids that this one inserts
    int64_t inserted;      // all ids, for the selects
    int begun;             // whether a ROLLBACK waits to be sent with the next transaction
};

static void fail(const char *what, PGconn *connection) {
    fprintf(stderr, "postgres_peer: %s: %s\n", what, connection ? PQerrorMessage(connection) : "");
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void queue(struct peer *peer, const char *statement, int count, const char *const *values, const int *lengths,
                  const int *formats) {
    if (!PQsendQueryPrepared(peer->connection, statement, count, values, lengths, formats, 1))
        fail(statement, peer->connection);
}

static void plain(struct peer *peer, const char *statement) { queue(peer, statement, 0, NULL, NULL, NULL); }

static void scope(struct peer *peer) {
    const char *account = "bench";
    queue(peer, "scope", 1, &account, NULL, NULL);
}

// Reads `count` answers and the end of the batch; hands over the last answer.
static PGresult *answers(struct peer *peer, int count) {
    PGresult *last = NULL;
    for (int i = 0; i < count; i++) {
        PQclear(last);
        last = PQgetResult(peer->connection);
        ExecStatusType status = PQresultStatus(last);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail("a statement failed", peer->connection);
        if (PQgetResult(peer->connection)) fail("more answers than statements", NULL);
    }
    PGresult *end = PQgetResult(peer->connection);
    if (PQresultStatus(end) != PGRES_PIPELINE_SYNC) fail("no end of the batch", peer->connection);
    PQclear(end);
    return last;
}

static PGresult *finish(struct peer *peer, int count) {
    if (!PQpipelineSync(peer->connection)) fail("nothing can be sent", peer->connection);
    return answers(peer, count);
}

static void queue_insert(struct peer *peer, int64_t id) {
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "row %lld", (long long)id);
    uint64_t key = htobe64(id), quantity = htobe64(id * 7), at = htobe64(id * 1000000);
    const char *values[] = {(char *)&key, name, (char *)&quantity, (char *)&at};
    const int lengths[] = {8, 0, 8, 8}, formats[] = {1, 0, 1, 1};
    queue(peer, "insert", 4, values, lengths, formats);
}

static void queue_select(struct peer *peer, int64_t id) {
    uint64_t key = htobe64(id);
    const char *values[] = {(char *)&key};
    const int lengths[] = {8}, formats[] = {1};
    queue(peer, "select", 1, values, lengths, formats);
}

static uint64_t number(const PGresult *result, int column) {
    uint64_t bytes;
    memcpy(&bytes, PQgetvalue(result, 0, column), sizeof bytes);
    return be64toh(bytes);
}

static void check_row(const PGresult *result, int64_t id) {
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "row %lld", (long long)id);
    if (PQntuples(result) != 1 || number(result, 0) != (uint64_t)id || strcmp(PQgetvalue(result, 0, 1), name) != 0 ||
        number(result, 2) != (uint64_t)id * 7 || number(result, 3) != (uint64_t)id * 1000000)
        fail("a row is not what was inserted", NULL);
}

// The row that is selected as number `number`: all are, in no order that the server could use.
static int64_t selected(const struct peer *peer, int64_t number) {
    return (peer->first + number) * 7919 % peer->inserted;
}

static void *insert_in_transactions(void *argument) {
    struct peer *peer = argument;
    for (int64_t i = 0; i < peer->count; i++) {
        plain(peer, "begin_write");
        scope(peer);
        queue_insert(peer, peer->first + i);
        PQclear(finish(peer, 3));
        plain(peer, "commit");
        PQclear(finish(peer, 1));
    }
    return NULL;
}

static void *select_in_transactions(void *argument) {
    struct peer *peer = argument;
    for (int64_t i = 0; i < peer->count; i++) {
        int64_t id = selected(peer, i);
        if (peer->begun) plain(peer, "rollback");
        plain(peer, "begin_read");
        scope(peer);
        queue_select(peer, id);
        PGresult *result = finish(peer, 3 + peer->begun);
        check_row(result, id);
        PQclear(result);
        peer->begun = 1;
    }
    return NULL;
}

static void *insert_alone(void *argument) {
    struct peer *peer = argument;
    for (int64_t i = 0; i < peer->count; i++) {
        queue_insert(peer, peer->first + i);
        PQclear(finish(peer, 1));
    }
    return NULL;
}

static void *select_alone(void *argument) {
    struct peer *peer = argument;
    for (int64_t i = 0; i < peer->count; i++) {
        int64_t id = selected(peer, i);
        queue_select(peer, id);
        PGresult *result = finish(peer, 1);
        check_row(result, id);
        PQclear(result);
    }
    return NULL;
}

static void connect_peer(struct peer *peer, const char *url) {
    peer->connection = PQconnectdb(url);
    if (PQstatus(peer->connection) != CONNECTION_OK) fail("no connection", peer->connection);
    for (size_t i = 0; i < sizeof STATEMENTS / sizeof *STATEMENTS; i++) {
        PGresult *result = PQprepare(peer->connection, STATEMENTS[i].name, STATEMENTS[i].text, 0, NULL);
        if (PQresultStatus(result) != PGRES_COMMAND_OK) fail(STATEMENTS[i].name, peer->connection);
        PQclear(result);
    }
    if (!PQenterPipelineMode(peer->connection)) fail("no pipeline", peer->connection);
}

static void clear_table(const char *url) {
    PGconn *connection = PQconnectdb(url);
    // The notice that there was no such table is none.
    PQclear(PQexec(connection, "SET client_min_messages = warning"));
    PGresult *result = PQexec(connection, SETUP);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) fail("no table", connection);
    PQclear(result);
    PQfinish(connection);
}

// Runs `work` on all connections at once, each doing `count` rows of its own, and returns the rows done in a second.
static double rate(struct peer *peers, int connections, int64_t count, void *(*work)(void *)) {
    pthread_t threads[connections];
    double start = now();
    for (int i = 0; i < connections; i++) {
        peers[i].first = i * count;
        peers[i].count = count;
        if (pthread_create(&threads[i], NULL, work, &peers[i])) fail("no thread", NULL);
    }
    for (int i = 0; i < connections; i++) pthread_join(threads[i], NULL);
    return connections * count / (now() - start);
}

// Inserts and selects on new connections; `rates` gets what was done in a second.
static void measure(const char *url, int connections, int64_t inserts, int64_t selects, void *(*insert)(void *),
                    void *(*select)(void *), double rates[2]) {
    struct peer peers[connections];
    memset(peers, 0, sizeof peers);
    clear_table(url);
    for (int i = 0; i < connections; i++) {
        connect_peer(&peers[i], url);
        peers[i].inserted = connections * (inserts / connections);
    }
    rates[0] = rate(peers, connections, inserts / connections, insert);
    rates[1] = rate(peers, connections, selects / connections, select);
    for (int i = 0; i < connections; i++) PQfinish(peers[i].connection);
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: postgres_peer URL CONNECTIONS INSERTS SELECTS\n");
        return 2;
    }
    const char *url = arguments[1];
    int connections = atoi(arguments[2]);
    int64_t inserts = atoll(arguments[3]), selects = atoll(arguments[4]);
    if (connections < 1 || inserts < connections || selects < connections) fail("every connection needs work", NULL);
    double transactions[2], alone[2];
    measure(url, connections, inserts, selects, insert_in_transactions, select_in_transactions, transactions);
    measure(url, connections, inserts, selects, insert_alone, select_alone, alone);
    printf("{\"connections\":%d,\"inserts_per_second\":%.1f,\"selects_per_second\":%.1f,"
           "\"lone_inserts_per_second\":%.1f,\"lone_selects_per_second\":%.1f}\n",
           connections, transactions[0], transactions[1], alone[0], alone[1]);
    return 0;
}
