namespace Aegis.Ledger.Routing;

/// <summary>Streams of what was found out about models and is no fact of a run: verdicts from outside on a
/// run or session, and a project's decisions that another model stands in.</summary>
public static class ModelStream
{
    public const string StandIns = Prefix + "stand-ins";
    private const string Prefix = "models/";

    public static string Verdicts(string of) => $"{Prefix}verdicts/{of}";

    public static bool Is(string streamId) => streamId.StartsWith(Prefix, StringComparison.Ordinal);
}
