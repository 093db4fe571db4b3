using Npgsql;

namespace Aegis.Ledger;

/// <summary>A transaction that named queries run in: a project's, or the engine's.</summary>
internal interface ICommandSource
{
    NpgsqlCommand Command(string query, params ReadOnlySpan<object?> parameters);
}
