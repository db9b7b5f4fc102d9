// Loaded before anything else by subjects that stand for `winnow run`, which begins so.
import { keepYoungHeapSmall } from '../../src/small-heap.ts';

keepYoungHeapSmall();
