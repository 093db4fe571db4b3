using System.Globalization;
using Aegis.Core.Errors;

namespace Aegis.Models;

/// <summary>What a model call can answer instead of words. No key and no address with a key reaches a
/// message.</summary>
public static class ModelErrors
{
    public static AegisException NoAlias(string alias, IEnumerable<string> known) => Of(new("AEGIS2320",
        $"the profile has no model alias {alias}", Known(known), alias,
            "add it under models in profile.yaml"));

    public static AegisException NoProvider(string? provider, IEnumerable<string> known) => Of(
        new("AEGIS2321", provider is null ? "no provider is named for this model"
            : $"the profile has no provider {provider}",
        Known(known), provider ?? "none",
        "add it under providers in profile.yaml, or name a rehearsal there"));

    public static AegisException TwoProviders(string alias, string own, string asked) => Of(new("AEGIS2322",
        $"the alias {alias} belongs to another provider than the one asked for", own, asked,
        "leave provider out, or name a model of that provider"));

    public static AegisException NoKey(string provider, string name) => Of(new("AEGIS2323",
        $"the key of provider {provider} is not set", $"a secret named {name}",
            Mend: $"store it: aegis secret set {name}; docs/models.md says where else it may be"));

    public static AegisException KeyRefused(string provider, int status) => Of(new("AEGIS2324",
        $"provider {provider} refused the key", Got: $"HTTP {status}",
        Mend: "store a valid key; check that it may use this model"));

    public static AegisException Refused(string provider, int status, string said) => Of(new("AEGIS2325",
        $"provider {provider} refused the request{(said.Length == 0 ? "" : $": {said}")}",
            Got: $"HTTP {status}",
        Mend: "check the model's name and the request's limits"));

    public static AegisException Busy(string provider, int status) => Of(new("AEGIS2326",
        $"provider {provider} is busy or out of order", Got: $"HTTP {status}",
        Mend: "try again later; a step's retry does it by itself"));

    public static AegisException TimedOut(string provider, TimeSpan after) => Of(new("AEGIS2327",
        string.Create(CultureInfo.InvariantCulture,
            $"provider {provider} gave no answer within {after.TotalSeconds} s"),
        Mend: "try again, or ask for fewer tokens"));

    public static AegisException Unreachable(string provider, string why) => Of(new("AEGIS2328",
        $"provider {provider} cannot be reached: {why}", Mend: "check base_url and the network"));

    public static AegisException BadReply(string provider, string why) => Of(new("AEGIS2329",
        $"provider {provider} sent an answer that cannot be read: {why}",
        Mend: "check that base_url speaks OpenAI's chat protocol"));

    public static AegisException Cut(string provider) => Of(new("AEGIS2389",
        $"provider {provider} broke off within its answer",
        Mend: "try again; a streamed answer goes on with the next model where that can be"));

    public static AegisException RehearsalMissing(string file) => Of(new("AEGIS2330",
        $"the profile names the rehearsal {file}, which was not loaded",
        Mend: "add the file beside the profile, or remove rehearsal from it"));

    public static AegisException RehearsalNotNamed() => Of(new("AEGIS2333",
        "a rehearsal was handed in that the profile does not name",
        Mend: "name it under rehearsal in profile.yaml: words that are no model's never come unasked"));

    public static AegisException NoPrice(string provider, string model) => Of(new("AEGIS2340",
        $"the price of {provider}'s model {model} is not known, and the run has a cost cap",
        Mend: "add its price in profile.yaml, or remove max_cost_usd"));

    public static AegisException OverBudget(string what, decimal cost, decimal left) => Of(new("AEGIS2341",
        $"BudgetExceeded: {what}", $"at most {Usd(left)}", Usd(cost), "raise max_cost_usd or ask for less"));

    public static AegisException BadRequest(string why, string? expected = null) => Of(new("AEGIS2342",
        $"the request is not well formed: {why}", expected, Mend: "see docs/tools-quality.md, llm.chat"));

    public static AegisException NotLocal(string provider, string host) => Of(new("AEGIS2355",
        $"provider {provider} is said to be local, and its address is not", "an address of this machine, or "
        + "a host of AEGIS_LOCAL_MODEL_HOSTS", host,
        "correct the address; the operator lists servers of the house in AEGIS_LOCAL_MODEL_HOSTS"));

    public static AegisException Barred(string provider, string host) => Of(new("AEGIS2426",
        $"provider {provider} is at an address where no provider may be",
        "no link-local or multicast address", host,
        "correct the address; the operator lists servers of the house in AEGIS_LOCAL_MODEL_HOSTS"));

    public static AegisException KeyInTheOpen(string provider) => Of(new("AEGIS2358",
        $"the key of provider {provider} would travel in the open", "an https address", "http",
        "put TLS in front of the server, or reach it through a tunnel of this machine"));

    public static AegisException Resting(string provider, string model, DateTimeOffset until) => Of(new(
        "AEGIS2423", $"{provider}'s model {model} failed, and is left alone for a while",
        Got: string.Create(CultureInfo.InvariantCulture, $"not before {until.UtcDateTime:HH:mm:ss} UTC"),
        Mend: "try again then, or name another model beside it in the alias"));

    public static AegisException Asked(string provider, string model, DateTimeOffset until) => Of(new(
        "AEGIS2424", $"{provider} asked that its model {model} be left alone for a while",
        Got: string.Create(CultureInfo.InvariantCulture, $"not before {until.UtcDateTime:HH:mm:ss} UTC"),
        Mend: "try again then, or name another model beside it in the alias"));

    public static AegisException Gone(string provider, string model) => Of(new("AEGIS2425",
        $"{provider} has no model {model}, it said a while ago",
        Mend: "check the model's name; aegis models list shows those that are known"));

    private static string Known(IEnumerable<string> names) =>
        names.ToArray() is { Length: > 0 } all ? "one of: " + string.Join(", ", all.Take(20))
            : "at least one";

    private static string Usd(decimal amount) =>
        amount.ToString("0.########", CultureInfo.InvariantCulture) + " USD";

    private static AegisException Of(AegisError error) => new(error);
}
