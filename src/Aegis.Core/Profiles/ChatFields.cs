using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>chat</c> of a profile.</summary>
internal static class ChatFields
{
    private static readonly string[] Uses = ["build", "change", "deploy", "repair"];

    public static ChatProfile Read(YamlFields profile, List<Diagnostic> errors)
    {
        if (profile.Value("chat") is not { } value
            || YamlFields.Of(value, "chat", errors, ["model", .. Uses]) is not { } fields)
        {
            return ChatProfile.Default;
        }
        var workflows = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var use in Uses)
        {
            if (fields.Text(use, IdRule.LengthMax) is not { } name)
            {
                continue;
            }
            if (!IdRule.IsValid(name))
            {
                YamlFields.Wrong(
                    errors, fields.Value(use)!, $"chat.{use}", "the name of a registered workflow");
            }
            workflows[use] = name;
        }
        return new ChatProfile(fields.Text("model", 200), workflows.ToImmutable());
    }
}
