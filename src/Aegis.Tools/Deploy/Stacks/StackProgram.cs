using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Deployments.Stacks;

namespace Aegis.Tools.Deploy.Stacks;

/// <summary>
/// A program that keeps a stack of infrastructure: its commands, as parts of <see cref="StackScript"/>. They
/// find the folder of the project as the current one, and <c>$d</c>, a folder in memory: <c>$d/state</c> is
/// the state, which is sealed when they are done; by <c>act</c> they call the program where it may take long
/// and can be interrupted; they leave <c>$d/plan</c>, <c>$d/json</c>,
/// <c>$d/outputs</c> and <c>$d/shown</c>.
/// </summary>
/// <param name="Tool">The tool's name.</param>
/// <param name="Programs">The first that is there is used, unless the input names one.</param>
/// <param name="Folder">The project, where the input names none.</param>
/// <param name="Prepare">Before everything else.</param>
/// <param name="VariablePrefix">Before a variable's name in the program's environment; null where the program
/// is told by a command.</param>
/// <param name="Diff">Reads what the plan command left in <c>$d/json</c>.</param>
internal sealed record StackProgram(string Tool, ImmutableArray<string> Programs, string Folder,
    string Prepare, string Init, string Plan, string Apply, string Output, bool PlansDestroy,
    string? VariablePrefix, Func<JsonElement, PlanDiff> Diff)
{
    // The backend of the project's own is put aside: the state has to come from here. A state that cannot be
    // written is left by the program in the current folder, which is on a disk: a link leads it to memory.
    public static StackProgram Terraform { get; } = new("deploy.terraform", ["tofu", "terraform"], "infra",
        """
        printf '{"terraform":{"backend":{"local":{"path":"%s"}}}}\n' "$d/state/terraform.tfstate" \
          > aegis_override.tf.json
        rm -f errored.tfstate && ln -s "$d/errored.tfstate" errored.tfstate
        trap 'rm -f aegis_override.tf.json errored.tfstate' EXIT
        export TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1
        init() { act init -input=false -no-color -reconfigure; }
        [ "$action" = init ] || [ -d .terraform ] || init || exit 61
        """,
        "init",
        """
        "$program" plan -input=false -no-color $destroy -out="$d/plan" \
          && "$program" show -json "$d/plan" > "$d/json"
        """,
        """
        act apply -input=false -no-color "$d/plan"; code=$?
        [ ! -s "$d/errored.tfstate" ] || cp "$d/errored.tfstate" "$d/state/terraform.tfstate"
        [ "$code" = 0 ] && "$program" output -json > "$d/outputs"
        """,
        """
        "$program" output -json > "$d/outputs"
        """,
        PlansDestroy: true, "TF_VAR_", PlanDiff.OfTerraform);

    // The passphrase is part of the sealed state; what the project's settings say of it is kept beside it.
    // The settings lie in the workspace: what is secret is in them only as the program encrypts it, and is
    // told by stdin, for other processes see a command's words.
    public static StackProgram Pulumi { get; } = new("deploy.pulumi", ["pulumi"], "infra",
        """
        export PULUMI_BACKEND_URL="file://$d/state" PULUMI_SKIP_UPDATE_CHECK=true PULUMI_EXPERIMENTAL=true
        export PULUMI_CONFIG_PASSPHRASE_FILE="$d/state/passphrase" PULUMI_HOME="$PWD/.pulumi-home"
        [ -s "$d/state/passphrase" ] || head -c 32 /dev/urandom | base64 -w0 > "$d/state/passphrase"
        [ -e "Pulumi.$stack.yaml" ] || [ ! -e "$d/state/settings.yaml" ] \
          || cp "$d/state/settings.yaml" "Pulumi.$stack.yaml"
        "$program" stack select --non-interactive --create "$stack" || exit 61
        while IFS= read -r -d '' kind && IFS= read -r -d '' name && IFS= read -r -d '' value; do
          printf %s "$value" | "$program" config set --non-interactive --stack "$stack" "--$kind" -- "$name" \
            || exit 61
        done < "$d/vars"
        [ ! -e "Pulumi.$stack.yaml" ] || cp "Pulumi.$stack.yaml" "$d/state/settings.yaml"
        """,
        """
        "$program" install --non-interactive
        """,
        """
        "$program" preview --non-interactive --json --save-plan "$d/plan" > "$d/json"
        """,
        """
        act up --non-interactive --yes --skip-preview --plan "$d/plan" \
          && "$program" stack output --json > "$d/shown" \
          && "$program" stack output --json --show-secrets > "$d/outputs"
        """,
        """
        "$program" stack output --json > "$d/shown" \
          && "$program" stack output --json --show-secrets > "$d/outputs"
        """,
        PlansDestroy: false, null, PlanDiff.OfPulumi);

    public string Of(string action) => action switch
    {
        StackInput.Init => Init,
        StackInput.PlanAction => Plan,
        StackInput.Apply => Apply,
        _ => Output,
    };
}

/// <summary>An output of a stack.</summary>
internal sealed record StackOutput(string Name, JsonNode? Value, bool Sensitive)
{
    /// <param name="outputs">All values: of Terraform with a word on each, of Pulumi bare.</param>
    /// <param name="shown">Of Pulumi: the same with secrets left out.</param>
    public static ImmutableArray<StackOutput> Read(byte[] outputs, byte[]? shown)
    {
        var all = JsonNode.Parse(outputs)?.AsObject() ?? [];
        var seen = shown is null ? null : JsonNode.Parse(shown)?.AsObject();
        return
        [
            .. all.Select(o => seen is null
                ? new StackOutput(o.Key, o.Value?["value"]?.DeepClone(),
                    o.Value?["sensitive"]?.GetValue<bool>() != false)
                : new StackOutput(o.Key, o.Value?.DeepClone(),
                    seen[o.Key]?.ToJsonString() != o.Value?.ToJsonString())),
        ];
    }

    /// <summary>As a secret keeps it.</summary>
    public string Text => Value is JsonValue value && value.TryGetValue<string>(out var text) ? text
        : Value?.ToJsonString() ?? "";
}
