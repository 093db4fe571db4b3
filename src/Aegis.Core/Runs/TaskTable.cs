namespace Aegis.Core.Runs;

/// <summary>A persistent array of task states: a change copies one chunk of 32, so that a run of 10,000 tasks
/// stays cheap to evolve. An immutable dictionary costs three times as much here.</summary>
public readonly struct TaskTable
{
    private const int Chunk = 32;
    private readonly TaskState[][] chunks;

    public TaskTable(IReadOnlyList<TaskState> states)
    {
        Count = states.Count;
        chunks = new TaskState[(Count + Chunk - 1) / Chunk][];
        for (var i = 0; i < Count; i++)
        {
            (chunks[i / Chunk] ??= new TaskState[Math.Min(Chunk, Count - (i / Chunk * Chunk))])[i % Chunk] =
                states[i];
        }
    }

    private TaskTable(TaskState[][] chunks, int count)
    {
        this.chunks = chunks;
        Count = count;
    }

    public int Count { get; }

    public TaskState this[int index] => chunks[index / Chunk][index % Chunk];

    /// <summary>The table with more tasks at its end.</summary>
    public TaskTable Grow(IEnumerable<TaskState> more)
    {
        var states = new List<TaskState>(Count);
        foreach (var chunk in chunks)
        {
            states.AddRange(chunk);
        }
        states.AddRange(more);
        return new TaskTable(states);
    }

    public TaskTable With(int index, TaskState state)
    {
        var outer = (TaskState[][])chunks.Clone();
        var inner = (TaskState[])outer[index / Chunk].Clone();
        inner[index % Chunk] = state;
        outer[index / Chunk] = inner;
        return new TaskTable(outer, Count);
    }
}
