// shim.h — what LLVM's versions spell differently, in one spelling.
// C11. Each function says which version's difference it holds.

#ifndef NOVA_LLVM_SHIM_H
#define NOVA_LLVM_SHIM_H

#include <llvm-c/Error.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/TargetMachine.h>
#include <stdbool.h>
#include <stdint.h>

// The version that this was compiled against, and whether that is the one that runs: SwiftPM links
// anew, but does not compile, when another version is given. Before 16 a library can't tell.
unsigned nova_llvm_version(void);
bool nova_llvm_is_consistent(void);

// Makes the three CPUs known; once for the process.
void nova_llvm_initialise(void);

// As LLVMCreateTargetMachine, which takes no ABI, and must be told it from 18 on. `abi` may be
// null.
LLVMTargetMachineRef nova_llvm_machine(LLVMTargetRef target, const char *triple, const char *cpu,
                                       const char *features, const char *abi,
                                       LLVMCodeGenOptLevel level, LLVMRelocMode reloc,
                                       LLVMCodeModel model);

// The name of the pass that combines instructions: from 18 on it ends the process where one round
// does not suffice, unless told not to.
const char *nova_llvm_combine_pass(void);

// A pointer type: from 15 on there is one, before it is one to bytes.
LLVMTypeRef nova_llvm_pointer_type(LLVMContextRef context);

// The address as a pointer to `type`, which versions before 15 want of loads and stores.
LLVMValueRef nova_llvm_cast_pointer(LLVMBuilderRef builder, LLVMValueRef address,
                                    LLVMTypeRef type);

// Gives a name in the process's own code to what was compiled; the pair's type was renamed in 17.
LLVMErrorRef nova_llvm_define(LLVMOrcLLJITRef jit, const char *name, const void *address);

#endif
