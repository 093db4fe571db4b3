// a fuzzer beside it would make the rest slow, and its own measures of memory and time mean nothing
[assembly: CollectionBehavior(DisableTestParallelization = true)]
