import Database
import DatabaseSQLite
import DecisionEngine
print("hello")
