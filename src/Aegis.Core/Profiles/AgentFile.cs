using System.Collections.Immutable;
using Aegis.Core.Agents;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>Reads a file of agents that stands for itself: those that ship.</summary>
internal static class AgentFile
{
    public static ParseResult<ImmutableSortedDictionary<string, AgentDefinition>> Parse(
        string text, string file)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, file, ProfileParser.CharsMax, errors);
        var fields = root is null ? null : YamlFields.Of(root, file, errors, "agents");
        var agents = fields is null ? null : AgentFields.Read(fields, errors,
            ImmutableSortedDictionary<string, AgentDefinition>.Empty);
        return errors.Count == 0 ? new(agents, []) : new(null, [.. errors]);
    }
}
