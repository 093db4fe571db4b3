using Aegis.Core;
using Aegis.Core.Errors;

namespace Aegis.Ledger.Triggers;

internal static class TriggerErrors
{
    public static AegisException BadName(string name) => Of("AEGIS4050", "the workflow's name is malformed",
        $"1 to {IdRule.LengthMax} characters of A-Z a-z 0-9 . _ -, the first a letter or a digit",
        name.Length <= IdRule.LengthMax ? name : name[..IdRule.LengthMax], "Choose another name.");

    public static AegisException TooManyWorkflows() => Of("AEGIS4051", "the project has too many workflows",
        $"at most {WorkflowStore.WorkflowsMax}", null, "Remove those that nothing starts any more.");

    public static AegisException TooManyWebhooks(int max) => Of("AEGIS4052",
        "the project has too many webhooks", $"at most {max}", null,
        "Remove those that nobody listens to any more.");

    private static AegisException Of(string code, string message, string expected, string? got,
        string mend) =>
        new(new AegisError(code, message, expected, got, mend));
}
