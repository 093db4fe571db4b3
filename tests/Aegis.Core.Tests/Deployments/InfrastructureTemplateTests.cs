using System.Text.RegularExpressions;
using Aegis.Core.Deployments;
using YamlDotNet.RepresentationModel;

namespace Aegis.Core.Tests.Deployments;

/// <summary>What every template keeps: its references lead somewhere, nothing is open to the world, data is
/// encrypted, versions are pinned, what is made is tagged and put out.</summary>
public sealed partial class InfrastructureTemplateTests
{
    private static readonly string[] Untagged =
    [
        "_policy", "_association", "_listener_rule", "_public_access_block", "_ownership_controls",
        "_configuration", "_versioning", "_access_control", "_iam_member", "service_account",
        "_endpoint_group", "backend_service", "url_map", "_proxy", "ssl_", "_connection", "_database",
        "sql_user", "compute_network", "subnetwork", "database_instance",
    ];

    public static TheoryData<string> Names => [.. InfrastructureTemplates.Names];

    [Fact]
    public void Templates_AreThere_ForBothCloudsAndLanguages()
    {
        Assert.Equal<string>(["aws/container", "aws/postgres", "aws/site",
            "gcp/container", "gcp/postgres", "gcp/site"], InfrastructureTemplates.Names);
        Assert.All(InfrastructureTemplates.Names, name =>
        {
            Assert.Contains("infra/main.tf", InfrastructureTemplates.Of(name, "terraform").Keys);
            Assert.Equal(["infra/Pulumi.yaml"], InfrastructureTemplates.Of(name, "pulumi").Keys);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Terraform_ReferencesLeadSomewhere_AndAllIsTagged(string name)
    {
        var text = string.Concat(InfrastructureTemplates.Of(name, "terraform").Values);
        Assert.Equal(text.Count(c => c == '{'), text.Count(c => c == '}'));
        var blocks = Blocks().Matches(text).Select(m => (Kind: m.Groups[1].Value, Type: m.Groups[2].Value,
            Name: m.Groups[3].Value, Body: m.Groups[4].Value)).ToList();
        var made = blocks.Where(b => b.Kind is "resource" or "data")
            .Select(b => $"{(b.Kind == "data" ? "data." : "")}{b.Type}.{b.Name}").ToHashSet();
        foreach (Match use in Reference().Matches(Comment().Replace(text, "")))
        {
            Assert.Contains($"{use.Groups[1].Value}{use.Groups[2].Value}.{use.Groups[3].Value}", made);
        }
        var variables = Variable().Matches(text).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.All(VariableUse().Matches(text).Select(m => m.Groups[1].Value),
            v => Assert.Contains(v, variables));
        Assert.All(variables, v => Assert.Contains($"var.{v}", text));
        Assert.All(blocks.Where(b => b.Kind == "resource" && !Untagged.Any(b.Type.Contains)), b =>
            Assert.True(b.Body.Contains("tags", StringComparison.Ordinal)
                || b.Body.Contains("labels", StringComparison.Ordinal), $"{b.Type}.{b.Name} has no tags"));
        Assert.Matches(@"version = ""~> \d", text);
        Assert.Contains("output \"", text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NothingIsOpen_AndDataIsEncrypted(string name)
    {
        foreach (var language in new[] { "terraform", "pulumi" })
        {
            var text = string.Concat(InfrastructureTemplates.Of(name, language).Values);
            Assert.DoesNotContain("public-read", text);
            Assert.DoesNotMatch(@"(?i)acl\s*[=:]\s*""?public", text);
            Assert.DoesNotMatch(@"(?i)publicly_?accessible\s*[=:]\s*true", text);
            Assert.DoesNotMatch(@"(?i)(password|secret_key|token)\s*[=:]\s*""[^""$]", text);
            // the world reaches load balancers alone, and by HTTP(S) alone
            Assert.All(OpenPort().Matches(text).Select(m => m.Groups[1].Value),
                port => Assert.Contains(port, (string[])["443", "80"]));
            Assert.DoesNotMatch(@"(?i)objectViewer[^}]*allUsers", text);
            switch (name)
            {
                case "aws/site":
                    Assert.Matches(@"(?i)restrict_?public_?buckets\s*[=:] true", text);
                    Assert.Contains("AES256", text);
                    Assert.Contains("aws:SecureTransport", text);
                    Assert.Contains("/.aegis/*", text);
                    break;
                case "aws/postgres":
                    Assert.Matches(@"(?i)storage_?encrypted\s*[=:] true", text);
                    Assert.Matches(@"(?i)manage_?master_?user_?password\s*[=:] true", text);
                    Assert.Contains("rds.force_ssl", text);
                    break;
                case "gcp/site":
                    Assert.Matches(@"(?i)public_?access_?prevention\s*[=:] ""?enforced", text);
                    break;
                case "gcp/postgres":
                    Assert.Matches(@"(?i)ipv4_?enabled\s*[=:] false", text);
                    Assert.Contains("ENCRYPTED_ONLY", text);
                    break;
                default:
                    Assert.Matches("TLS|HTTPS", text);
                    break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Pulumi_IsYaml_WhoseReferencesLeadSomewhere(string name)
    {
        var text = InfrastructureTemplates.Of(name, "pulumi")["infra/Pulumi.yaml"];
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        var known = new[] { "config", "variables", "resources" }
            .SelectMany(part => ((YamlMappingNode)root[part]).Children.Keys)
            .Select(k => ((YamlScalarNode)k).Value)
            .ToHashSet();
        Assert.All(PulumiUse().Matches(Comment().Replace(text, "")).Select(m => m.Groups[1].Value),
            use => Assert.Contains(use, known));
        foreach (var (_, resource) in (YamlMappingNode)root["resources"])
        {
            Assert.Matches(@"\A(aws|gcp):[a-z0-9]+:[A-Z]\w+\z", ((YamlScalarNode)resource["type"]).Value);
        }
        Assert.NotEmpty(((YamlMappingNode)root["outputs"]).Children);
    }

    [GeneratedRegex(@"^(resource|data) ""(\w+)"" ""(\w+)"" \{(.*?)(?:^\}|\}$)",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"(?<![\w.""/])(data\.)?((?:aws|google)_\w+)\.(\w+)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^\s*#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^variable ""(\w+)""", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\bvar\.(\w+)")]
    private static partial Regex VariableUse();

    [GeneratedRegex(@"ingress[^}]*?to_?[pP]ort\s*[=:]\s*(\d+)[^}]*0\.0\.0\.0/0")]
    private static partial Regex OpenPort();

    [GeneratedRegex(@"\$\{([A-Za-z]\w*)")]
    private static partial Regex PulumiUse();
}
