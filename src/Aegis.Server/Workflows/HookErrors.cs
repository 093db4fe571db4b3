using Aegis.Core.Errors;

namespace Aegis.Server.Workflows;

/// <summary>The refusals of triggers; contracts/errors/doors.yaml explains each.</summary>
internal static class HookErrors
{
    /// <summary>One answer for no tenant, no project, no hook, no secret and a wrong signature: who does not
    /// hold the secret learns nothing.</summary>
    public static AegisError Unknown { get; } = new("AEGIS6060",
        "there is no such hook, or the signature is not right", "a signature made with the hook's secret",
        Mend: "check the address, and that both sides hold the same secret");

    public static AegisError Full(int max) => new("AEGIS6061", "too many starts of this project wait already",
        $"at most {max}", Mend: "send it again later");

    public static AegisError Replayed { get; } = new("AEGIS6062", "this call was here before",
        "a fresh timestamp for each call", Mend: "sign each call anew; the first one counts");

    public static AegisError OutOfTime(int seconds) => new("AEGIS6063",
        "the call's timestamp is too far from the server's clock", $"at most {seconds} s",
        Mend: "sign at the time of sending, and check the sender's clock");

    public static AegisError NotByApi(string name, bool enabled) => new("AEGIS6064",
        $"{name} cannot be started by :run", "an enabled workflow with api in on",
        enabled ? "no api in on" : "disabled", "list api in on, or enable the workflow");
}
