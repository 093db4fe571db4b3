using System.Globalization;
using Aegis.Core.Discovery;
using Aegis.Core.Errors;

namespace Aegis.Discovery.Store;

/// <summary>What the store and its hub answer instead of a model. No token reaches a message.</summary>
internal static class StoreErrors
{
    public static AegisException Unreachable(string host, string why) => Of(new("AEGIS2490",
        $"the hub {host} cannot be reached: {why}",
        Mend: "check AEGIS_MODEL_HUB and the network; what was loaded is kept, so pull again"));

    public static AegisException Refused(string what, int status) => Of(new("AEGIS2491",
        $"the hub shows no {what}", Got: $"HTTP {status}",
        Mend: status is 401 or 403
            ? "check the name; for one that is not public, name the secret with a token that may read it"
            : "check the name: aegis models search QUERY shows names"));

    public static AegisException BadAnswer(string why) => Of(new("AEGIS2492",
        $"the hub sent an answer that cannot be used: {why}",
        Mend: "check that AEGIS_MODEL_HUB speaks Hugging Face's protocol"));

    public static AegisException TooLarge(ModelName name, string why, string most, string got, string mend) =>
        Of(new("AEGIS2493", $"{name} does not fit into the store: {why}", most, got, mend));

    public static AegisException WrongHash(string file, string expected, string got) => Of(new("AEGIS2494",
        $"{file} is not what the hub says it is; it was thrown away", expected, got, "pull it again"));

    public static AegisException WrongPlace(Uri target) => Of(new("AEGIS2495",
        "the hub leads to a place to which it may not", "an https address, or the hub's own",
        $"{target.Scheme}://{target.Host}", "check AEGIS_MODEL_HUB"));

    public static AegisException DiskFull(long needed, long? free) => Of(new("AEGIS2496",
        "the disk has no room for the model", $"{Bytes(needed)} free",
        free is { } left ? Bytes(left) : "none left",
        "free some space, or remove a model: aegis models local list; what was loaded is kept"));

    public static AegisException DiskRefuses(Exception why) => Of(new("AEGIS2496",
        $"the store's folder cannot be used: {why.GetType().Name}",
        Mend: "check who owns the models folder of the server's home, and its disk"));

    public static AegisException NotThere(ModelName name) => Of(new("AEGIS2497",
        $"the store has no model {name}", Mend: "aegis models local list shows what it has"));

    public static AegisException Busy(ModelName name, string why) => Of(new("AEGIS2498",
        $"{name} is in use: {why}", Mend: "wait for it to end"));

    public static string Bytes(long count) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,0} bytes");

    private static AegisException Of(AegisError error) => new(error);
}
